import { createHmac, timingSafeEqual } from 'node:crypto';

/** The value of `X-Hub-Signature-256` that GitHub computes for a body: HMAC-SHA-256 over its raw bytes, in lower-case hex. */
export function sign(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/**
 * Whether one of the secrets made this signature over exactly these bytes. Several secrets are valid while one replaces another.
 *
 * How long it takes tells nothing of the right signature: comparing stops at no byte, and every secret is tried.
 */
export function verify(body: Uint8Array, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature);
  const matches = secrets.map((secret) => {
    const expected = Buffer.from(sign(body, secret));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches.includes(true);
}
