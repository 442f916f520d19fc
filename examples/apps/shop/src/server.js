const { createApp } = require('./app');

const server = createApp().listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`shop listens on port ${server.address().port}`);
});

process.once('SIGTERM', () => {
  console.log('shop stops: requests in flight are finished first');
  server.close(() => process.exit(0));
  setInterval(() => server.closeIdleConnections(), 100).unref();
});
