import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Message } from './message.ts';
import { fingerprintOf, seal } from './seal.ts';

const message: Message = { topic: 'orders', source: 'shop/orders', id: 'o-1', type: 'order.placed', time: '2026-01-01T00:00:00Z', data: { b: 1, a: 'x' }, headers: {} };

describe('seal', () => {
  it('writes the data canonically, and fingerprints type and data', () => {
    const fingerprint = createHash('sha256').update('order.placed\n{"a":"x","b":1}').digest('base64url');
    expect(seal(message)).toEqual({ message, json: '{"a":"x","b":1}', fingerprint });
    expect(fingerprintOf('order.placed', '{"a":"x","b":1}')).toBe(fingerprint);
    expect(fingerprint).toHaveLength(43);
  });

  it('trap 15: tells payloads and types apart, and neither order of members nor what surrounds the data', () => {
    const { fingerprint } = seal(message);
    expect(seal({ ...message, data: { a: 'x', b: 1 }, id: 'o-2', time: '', headers: { x: 'y' } }).fingerprint).toBe(fingerprint);
    expect(seal({ ...message, data: { a: 'x', b: 2 } }).fingerprint).not.toBe(fingerprint);
    expect(seal({ ...message, type: 'order.paid' }).fingerprint).not.toBe(fingerprint);
  });

  it('refuses data that JSON cannot carry', () => {
    expect(() => seal({ ...message, data: undefined })).toThrow(expect.objectContaining({ code: 'not-json' }));
  });
});
