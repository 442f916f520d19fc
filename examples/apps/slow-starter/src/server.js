const { createService } = require('./service');

/** Reading the configuration, then filling the caches, take as long as they do in a larger service. */
const LISTEN_AFTER_MS = 3_000;
const WARM_AFTER_MS = 5_000;

const service = createService();

const timers = [
  setTimeout(() => {
    service.server.listen(Number(process.env.PORT ?? 3000), () => {
      console.log(`ticker listens on port ${service.server.address().port}`);
    });
  }, LISTEN_AFTER_MS),
  setTimeout(() => {
    service.becomeReady();
    console.log('ticker is warm');
  }, WARM_AFTER_MS),
];

process.once('SIGTERM', () => {
  timers.forEach(clearTimeout);
  service.stop(() => process.exit(0));
});
