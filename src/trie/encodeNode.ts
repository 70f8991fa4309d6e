import { encodeRlp } from '../rlp/encodeRlp.ts'
import { encodeCompactPath } from './compactPath.ts'
import type { TrieNode } from './TrieNode.ts'

const NOTHING = /* @__PURE__ */ new Uint8Array()

/** RLP of a node. Does not check the rules of `TrieNode`. */
export function encodeNode(node: TrieNode): Uint8Array {
  switch (node.kind) {
    case 'leaf':
      return encodeRlp([encodeCompactPath(node.path, true), node.value])
    case 'extension':
      return encodeRlp([encodeCompactPath(node.path, false), { rlp: node.child }])
    case 'branch':
      return encodeRlp([...node.children.map((rlp) => (rlp ? { rlp } : NOTHING)), NOTHING])
  }
}
