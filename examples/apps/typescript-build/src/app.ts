import { Hono } from 'hono';
import { find, type Targets } from './links.js';

export function createApp(targets: Targets, version: string): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('x-app-version', version);
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/', (context) => context.json({ service: 'links', version, links: Object.keys(targets).length }));
  app.get('/:name', (context) => {
    const target = find(targets, context.req.param('name'));
    return target === undefined ? context.json({ error: 'there is no such link' }, 404) : context.redirect(target, 302);
  });
  return app;
}
