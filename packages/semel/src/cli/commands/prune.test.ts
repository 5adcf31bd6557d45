import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readArchive } from '../../archive/archive-directory.ts';
import { BAD, GOOD, NOW_MS, Shop } from '../shop-fixture.ts';

const later = { nowMs: NOW_MS + 10 * 86_400_000 };

test('removes what was named, and nothing else', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  expect((await shop.semel('prune --messages 7d', later)).stdout).toBe('REMOVED       ROWS\ninbox            0\nmessages         2\ndead letters     0\n');
  expect((await shop.semel('prune --inbox 7d --dead-letters 7d', later)).stdout).toBe('REMOVED       ROWS\ninbox            2\nmessages         0\ndead letters     1\n');
});

test('removes what is older than was said, and nothing younger', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  const { stdout } = await shop.semel('prune --inbox 30d --messages 11d --dead-letters 11d --json', later);
  expect(JSON.parse(stdout)).toEqual({ store: `sqlite:${shop.file}`, removed: { inbox: 0, messages: 0, deadLetters: 0 } });
});

test('writes the messages to the archive before it removes them', async () => {
  using shop = await new Shop().sell(GOOD, BAD);
  const directory = dirname(shop.file);
  expect((await shop.semel(`prune --messages 7d --archive ${directory}`, later)).stdout).toContain('messages         2\n');
  const [file = '', ...others] = readdirSync(directory).filter((name) => name.endsWith('.gz'));
  expect([(await readArchive(join(directory, file))).length, others]).toEqual([2, []]);
});

test('removes nothing where there is no such archive, or nothing for it', async () => {
  using shop = await new Shop().sell(GOOD);
  expect((await shop.semel(`prune --messages 7d --archive ${shop.file}.none`, later)).stderr).toContain('archive-failed');
  expect((await shop.semel(`prune --inbox 7d --archive ${dirname(shop.file)}`, later)).stderr).toContain('give --messages too');
  expect((await shop.semel('prune --messages 7d', later)).stdout).toContain('messages         1\n');
});
