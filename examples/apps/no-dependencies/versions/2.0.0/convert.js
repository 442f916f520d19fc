/** Fahrenheit and kelvin of a temperature in degrees Celsius, to one hundredth; null for what is no temperature. */
function convert(celsius) {
  if (celsius === null || celsius.trim() === '') return null;
  const value = Number(celsius);
  if (!Number.isFinite(value) || value < -273.15) return null;
  return { celsius: value, fahrenheit: round((value * 9) / 5 + 32), kelvin: round(value + 273.15) };
}

const round = (value) => Number(value.toFixed(2));

module.exports = { convert };
