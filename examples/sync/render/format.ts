const integers = new Intl.NumberFormat('en-US')

/** `8893` → `8,893` */
export function count(value: number | bigint): string {
  return integers.format(value)
}

/** `1234567` → `1.23 MB`; decimal units, three digits that count. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let scaled = value
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2
  return `${scaled.toFixed(digits)} ${units[unit]}`
}

/** `200` → `3 min 20 s`; two units at most. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${integers.format(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** Wei as ether, exactly: `1337000000000000000000n` → `1,337`. */
export function ether(wei: bigint): string {
  const whole = integers.format(wei / 10n ** 18n)
  const rest = (wei % 10n ** 18n).toString().padStart(18, '0').replace(/0+$/, '')
  return rest === '' ? whole : `${whole}.${rest}`
}

/** The two ends of something long: `0x1234…cdef`. */
export function ends(text: string, head = 6, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}

/**
 * What one part of a whole is, as a person reads it: `0.4217` → `42 %`; 100 % only when it is all.
 */
export function percent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`
}

/** A transport by the name that people know. */
export function transportName(transport: string): string {
  return { webrtc: 'WebRTC', websocket: 'WebSocket' }[transport] ?? transport
}
