const express = require('express');
const { checkText } = require('./notes');

const version = process.env.APP_VERSION ?? require('../package.json').version;

/** `database` answers `query(text, values)` as a pool of `pg` does. */
function createApp(database) {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    response.set('x-app-version', version);
    next();
  });
  app.use(express.json({ limit: '100kb' }));

  app.get('/healthz', async (request, response) => {
    await database.query('select 1', []);
    response.json({ status: 'ok' });
  });
  app.get('/', (request, response) => response.json({ service: 'notes', version }));
  app.get('/notes', async (request, response) => {
    const { rows } = await database.query('select id, text, created_at from notes order by id desc limit 50', []);
    response.json(rows);
  });
  app.post('/notes', async (request, response) => {
    const text = checkText(request.body?.text);
    const { rows } = await database.query('insert into notes (text) values ($1) returning id, text, created_at', [text]);
    response.status(201).json(rows[0]);
  });

  app.use((error, request, response, next) => {
    const status = error.status ?? 503;
    if (status >= 500) console.error(error);
    if (response.headersSent) return next(error);
    response.status(status).json({ error: status >= 500 ? 'the notes cannot be reached' : error.message });
  });
  return app;
}

module.exports = { createApp };
