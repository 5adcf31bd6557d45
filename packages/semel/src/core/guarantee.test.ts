import { expect, it } from 'vitest';
import { GUARANTEE_MEANINGS, GUARANTEES } from './guarantee.ts';

it('gives each guarantee its meaning, in one sentence', () => {
  expect(Object.keys(GUARANTEE_MEANINGS)).toEqual([...GUARANTEES]);
  for (const meaning of Object.values(GUARANTEE_MEANINGS)) expect(meaning).toMatch(/^[A-Z][^.]+\.$/);
});
