import { encodeCompactPath } from './compactPath.ts'
import { rlpList, rlpString } from './rlpItem.ts'
import type { TrieNode } from './TrieNode.ts'

const NOTHING = /* @__PURE__ */ Uint8Array.of(0x80)

/** RLP of a node. Does not check the rules of `TrieNode`. */
export function encodeNode(node: TrieNode): Uint8Array {
  switch (node.kind) {
    case 'leaf':
      return rlpList([rlpString(encodeCompactPath(node.path, true)), rlpString(node.value)])
    case 'extension':
      return rlpList([rlpString(encodeCompactPath(node.path, false)), node.child])
    case 'branch':
      return rlpList([...Array.from(node.children, (child) => child ?? NOTHING), NOTHING])
  }
}
