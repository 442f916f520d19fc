/**
 * Sends numbered events, one every `every` milliseconds (100 by default), until the reader leaves or the service stops. A
 * reader that comes back goes on after its `Last-Event-ID`.
 */
function openStream(url, request, response, streams) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  let id = firstId(request.headers['last-event-id']);
  const timer = setInterval(
    () => {
      response.write(`id: ${id}\ndata: ${JSON.stringify({ at: new Date().toISOString(), unit: 'tick' })}\n\n`);
      id += 1;
    },
    period(url.searchParams.get('every')),
  );
  streams.add(response);
  response.once('close', () => {
    clearInterval(timer);
    streams.delete(response);
  });
}

const firstId = (last) => (/^\d{1,15}$/.test(last ?? '') ? Number(last) + 1 : 1);

const period = (every) => Math.min(60_000, Math.max(5, Number(every ?? 100) || 100));

module.exports = { openStream, firstId, period };
