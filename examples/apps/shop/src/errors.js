/** An error of the caller: answered with 400 and its message. */
class BadRequest extends Error {
  status = 400;
}

module.exports = { BadRequest };
