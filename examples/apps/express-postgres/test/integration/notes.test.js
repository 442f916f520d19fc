const assert = require('node:assert/strict');
const { test } = require('node:test');

const notes = `${process.env.BASE_URL}/notes`;

test('a note that was written can be read', async () => {
  const written = await fetch(notes, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'integration test' }),
  });
  assert.equal(written.status, 201);
  const { id } = await written.json();
  const list = await (await fetch(notes)).json();
  assert.ok(list.some((note) => note.id === id));
});
