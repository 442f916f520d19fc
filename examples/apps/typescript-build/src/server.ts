import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import { createApp } from './app.js';
import { targets } from './links.js';

const port = Number(process.env.PORT ?? 3000);
const app = createApp(targets, process.env.APP_VERSION ?? '1.0.0');
const server = serve({ fetch: app.fetch, port }, () => console.log(`links listens on port ${port}`)) as Server;

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 100).unref();
});
