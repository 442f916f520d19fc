/** Prices in cents. */
const products = [
  { id: 'tea', name: 'Green tea, 100 g', price: 790 },
  { id: 'pot', name: 'Tea pot, cast iron', price: 4900 },
  { id: 'cup', name: 'Cup, stoneware', price: 1450 },
  { id: 'tin', name: 'Tin with lid', price: 990 },
];

const findProduct = (id) => products.find((product) => product.id === id);

module.exports = { products, findProduct };
