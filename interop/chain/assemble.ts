const OPCODES: Record<string, number> = {
  ...{ stop: 0x00, add: 0x01, mul: 0x02, sub: 0x03, lt: 0x10, iszero: 0x15, and: 0x16 },
  ...{ shl: 0x1b, shr: 0x1c, keccak256: 0x20, address: 0x30, caller: 0x33 },
  ...{ calldataload: 0x35, calldatasize: 0x36, calldatacopy: 0x37, codesize: 0x38, codecopy: 0x39 },
  ...{ pop: 0x50, mstore: 0x52, sstore: 0x55, jump: 0x56, jumpi: 0x57, jumpdest: 0x5b },
  ...{ dup1: 0x80, dup2: 0x81, dup3: 0x82, dup4: 0x83, dup5: 0x84, swap1: 0x90 },
  ...{ call: 0xf1, return: 0xf3, create2: 0xf5, selfdestruct: 0xff },
}

const PUSH1 = 0x60
const PUSH2 = 0x61

/**
 * Assembles a program for the EVM: names of instructions, numbers up to 255 (which are pushed),
 * `name:` for a place to jump to, `@name` to push that place, `@size` to push the length of the
 * program, and comments from `;` to the end of the line.
 *
 * @throws {Error} when a word is none of these
 */
export function assemble(source: string): Uint8Array {
  const words = source.replaceAll(/;.*/g, '').split(/\s+/).filter(Boolean)
  const code: number[] = []
  const places = new Map<string, number>()
  const jumps: { at: number; to: string }[] = []
  for (const word of words) {
    const opcode = OPCODES[word]
    if (opcode !== undefined) code.push(opcode)
    else if (word.startsWith('@')) {
      jumps.push({ at: code.length + 1, to: word.slice(1) })
      code.push(PUSH2, 0, 0)
    } else if (word.endsWith(':')) {
      places.set(word.slice(0, -1), code.length)
      code.push(OPCODES.jumpdest!)
    } else if (/^\d+$/.test(word) && Number(word) < 256) code.push(PUSH1, Number(word))
    else throw new Error(`no instruction, number or place: "${word}"`)
  }
  places.set('size', code.length)
  for (const { at, to } of jumps) {
    const place = places.get(to)
    if (place === undefined) throw new Error(`no such place: "${to}"`)
    code[at] = place >> 8
    code[at + 1] = place & 0xff
  }
  return Uint8Array.from(code)
}
