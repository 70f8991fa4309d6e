import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'

/** A WebRTC certificate as libp2p takes it. */
export interface Certificate {
  /** PKCS #8, PEM. */
  privateKey: string
  /** X.509, PEM. */
  pem: string
  /**
   * Multibase (base64url) of the SHA-256 multihash of the certificate: what stands after
   * `/certhash/`.
   */
  certhash: string
}

/** multihash prefix: SHA-256, 32 bytes; see https://github.com/multiformats/multihash */
const SHA2_256 = [0x12, 0x20]

/**
 * Makes a self-signed certificate, ECDSA over P-256: the one curve that Chromium, Pion and
 * webrtc-rs all take.
 *
 * It never expires (RFC 5280 §4.1.2.5 gives 9999-12-31 that meaning): WebRTC peers compare its
 * hash, which the multiaddr pins, and no authority; libp2p's own certificates end after 14 days,
 * and the bridge's address with them.
 *
 * @returns private key and certificate, both PEM, in one text
 */
export async function createCertificate(): Promise<string> {
  // The X.509 library injects its parts through this one, which changes the global `Reflect`.
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=cambium-bridge',
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      signingAlgorithm: algorithm,
      keys,
    },
    // Named, because libp2p sets another default, which does not know keys made by Node.
    crypto,
  )
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = key.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----`
  return `${privateKey}\n${certificate.toString('pem')}\n`
}

/**
 * Reads what {@link createCertificate} made.
 * @throws {Error} when a part is missing or malformed, or they do not belong together
 */
export function readCertificate(text: string): Certificate {
  const privateKey = part(text, 'PRIVATE KEY')
  const pem = part(text, 'CERTIFICATE')
  const certificate = new X509Certificate(pem)
  if (!certificate.checkPrivateKey(createPrivateKey(privateKey))) {
    throw new Error('the private key is not that of the certificate')
  }
  const digest = createHash('sha256').update(certificate.raw).digest()
  const multihash = Buffer.from([...SHA2_256, ...digest])
  return { privateKey, pem, certhash: `u${multihash.toString('base64url')}` }
}

function part(text: string, label: string): string {
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  const found = text.slice(text.indexOf(begin), text.indexOf(end) + end.length)
  if (!found.startsWith(begin)) throw new Error(`no ${label} in it`)
  return found
}
