const { Pool } = require('pg');
const { createApp } = require('./app');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5, connectionTimeoutMillis: 2_000 });
pool.on('error', (error) => console.error('a connection of the pool broke:', error.message));

const server = createApp(pool).listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`notes listens on port ${server.address().port}`);
});

process.once('SIGTERM', () => {
  server.close(async () => {
    await pool.end();
    process.exit(0);
  });
  setInterval(() => server.closeIdleConnections(), 100).unref();
});
