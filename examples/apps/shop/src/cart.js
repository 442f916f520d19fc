const { findProduct } = require('./catalogue');
const { BadRequest } = require('./errors');

/** Prices a cart of `{ id, quantity }`; the total is in cents. */
function priceCart(items) {
  if (!Array.isArray(items) || items.length === 0) throw new BadRequest('a cart needs at least one item');
  const lines = items.map(priceLine);
  return { lines, total: lines.reduce((sum, line) => sum + line.price, 0) };
}

function priceLine(item) {
  const product = findProduct(item?.id);
  if (product === undefined) throw new BadRequest(`there is no product \`${item?.id}\``);
  if (!Number.isInteger(item.quantity) || item.quantity < 1 || item.quantity > 99) {
    throw new BadRequest(`the quantity of \`${item.id}\` must be a whole number from 1 to 99`);
  }
  return { id: item.id, quantity: item.quantity, price: product.price * item.quantity };
}

module.exports = { priceCart };
