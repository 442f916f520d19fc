const path = require('node:path');
const express = require('express');
const { products } = require('./catalogue');
const { priceCart } = require('./cart');
const { homePage } = require('./page');
const { takePayment } = require('./payments');

const version = process.env.APP_VERSION ?? require('../package.json').version;

function createApp() {
  const app = express();
  app.disable('x-powered-by');
  app.use((request, response, next) => {
    response.set('x-app-version', version);
    next();
  });
  app.use('/assets', express.static(path.join(__dirname, '..', 'public'), { maxAge: '1h' }));

  app.get('/healthz', (request, response) => response.json({ status: 'ok' }));
  app.get('/', (request, response) => response.type('html').send(homePage(products, version)));
  app.get('/products', (request, response) => response.json(products));
  app.post('/cart', express.json({ limit: '100kb' }), (request, response) => {
    response.json(priceCart(request.body?.items));
  });
  app.post('/webhooks/payment', express.raw({ type: () => true, limit: '100kb' }), async (request, response) => {
    response.json(await takePayment(request.body));
  });

  app.use((request, response) => response.status(404).json({ error: `there is no ${request.path}` }));
  app.use((error, request, response, next) => {
    const status = error.status ?? 500;
    if (status >= 500) console.error(error);
    if (response.headersSent) return next(error);
    response.status(status).json({ error: status >= 500 ? 'internal error' : error.message });
  });
  return app;
}

module.exports = { createApp };
