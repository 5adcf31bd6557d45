import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A certificate that signs for itself, and its key. */
export interface TestCertificate {
  readonly pem: string;
  readonly key: KeyObject;
}

const OID = { commonName: [0x55, 0x04, 0x03], sha256WithRsa: [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b] };

/** Made by hand, for Node makes none: X.509 version 3 in DER, of the years given. */
export function certificate(from: number, to: number): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = tlv(0x30, tlv(0x06, Buffer.from(OID.sha256WithRsa)), tlv(0x05));
  const name = tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, Buffer.from(OID.commonName)), tlv(0x0c, Buffer.from('sns.amazonaws.com')))));
  const validity = tlv(0x30, ...[from, to].map((year) => tlv(0x18, Buffer.from(`${year}0101000000Z`))));
  const version = tlv(0xa0, tlv(0x02, Buffer.from([2])));
  const body = tlv(0x30, version, tlv(0x02, Buffer.from([1])), algorithm, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }));
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey);
  const der = tlv(0x30, body, algorithm, tlv(0x03, Buffer.from([0]), signature));
  return { pem: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`, key: privateKey };
}

/** Tag, length, value. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const bytes = value.length < 128 ? [] : value.length < 256 ? [value.length] : [value.length >> 8, value.length & 255];
  const length = bytes.length === 0 ? [value.length] : [0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
