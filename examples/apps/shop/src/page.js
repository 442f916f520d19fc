function homePage(products, version) {
  const rows = products.map((product) => `<li>${product.name} <b>${euros(product.price)}</b></li>`).join('\n      ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>The tea shop</title>
    <link rel="stylesheet" href="/assets/shop.css">
  </head>
  <body>
    <h1>The tea shop</h1>
    <ul>
      ${rows}
    </ul>
    <footer>Version ${version}</footer>
  </body>
</html>
`;
}

const euros = (cents) => `${(cents / 100).toFixed(2)} €`;

module.exports = { homePage, euros };
