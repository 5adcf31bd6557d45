import { expect, test } from 'vitest';
import { sqlite } from './index.ts';

test.each([
  [':memory:', {}, 'memory()'],
  ['', {}, 'path'],
  ['file:x.db', {}, 'plain path'],
  ['x.db', { busyTimeout: 1 }, 'busyTimeout'],
  ['x.db', { lockTimeoutMs: -1 }, 'lockTimeoutMs'],
  ['x.db', { synchronous: 'OFF' }, 'synchronous'],
  ['x.db', { cacheMb: 0.5 }, 'cacheMb'],
])('%s with %j is refused by name', (path, options, named) => {
  expect(() => sqlite(path, options as object)).toThrow(expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(named) }));
});

test('nothing is opened before open, and every use before it is refused', async () => {
  const store = sqlite('/nowhere/at/all.db', { lockTimeoutMs: 0 });
  await expect(store.registry.list()).rejects.toMatchObject({ code: 'not-running' });
  await store.close();
});
