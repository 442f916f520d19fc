/** A note's text as it is kept; throws an error with `status: 400` for what is none. */
function checkText(text) {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= 2000) return text.trim();
  throw Object.assign(new Error('`text` must have 1 to 2,000 characters'), { status: 400 });
}

module.exports = { checkText };
