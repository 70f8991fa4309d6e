/** @param {number} value `8893` → `8,893` */
export function count(value) {
  return value.toLocaleString('en-US')
}

/** @param {number} value `1234567` → `1.2 MB` */
export function bytes(value) {
  if (value < 1e3) return `${value.toFixed(0)} B`
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`
}
