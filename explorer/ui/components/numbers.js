// Numbers as one writes them, to the letter as explorer/words.py does.

// So many digits after the point; a value exactly between two goes to the even one, as Python has it, not upwards.
export function fixed(value, digits) {
  const up = value.toFixed(digits), odd = "13579".includes(up.at(-1));
  const between = /^50*$/.test(value.toFixed(digits + 25).slice(-25)); // toFixed is exact
  return odd && between ? (Number(up) - Math.sign(value) * 10 ** -digits).toFixed(digits) : up;
}

// So many figures, without zeros at the end: Python's `:g`, for what it does not write with an exponent.
export function general(value, figures = 6) {
  const power = value ? Number(value.toExponential(figures - 1).split("e")[1]) : 0;
  return String(Number(fixed(value, Math.max(0, figures - 1 - power))));
}

// Three figures and a unit: 25.6 M.
export function short(number) {
  for (const [unit, name] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]])
    if (number >= unit * 0.9995) return figures(number / unit) + name;
  return general(number);
}

// Bytes in the unit that fits.
export function binary(size) {
  const power = [3, 2, 1].find((each) => size >= 1024 ** each) ?? 0, amount = size / 1024 ** power;
  return `${amount < 999.5 ? general(amount, 3) : grouped(amount)} ${["B", "KiB", "MiB", "GiB"][power]}`;
}

export function times(factor) {
  return `${figures(factor)}×`;
}

export function grouped(number) {
  return Number(fixed(number, 0)).toLocaleString("en");
}

function figures(value) {
  return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
