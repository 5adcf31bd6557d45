import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUARANTEES } from 'semel';
import { expect, test } from 'vitest';
import { GUARANTEE_MEANINGS } from '../../packages/semel/src/core/guarantee.ts';
import { localContract } from '../../packages/semel/src/transports/local/local-contract.ts';
import { peerContract } from '../../packages/semel/src/transports/peer/peer-contract.ts';
import { contractTable, errorTable, withTable } from './table.ts';

function pageOf(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8');
}

// `vitest -u` writes the tables into the pages.
for (const [path, name, table] of [
  ['transports/local.md', 'contract: local', contractTable(localContract)],
  ['transports/peer.md', 'contract: peer', contractTable(peerContract)],
  ['operations.md', 'errors', errorTable()],
] as const) {
  test(`docs/${path} has the table of the code: ${name}`, async () => {
    await expect(withTable(pageOf(path), name, table)).toMatchFileSnapshot(`../${path}`);
  });
}

test('docs/consumers.md says of each guarantee what the code says', () => {
  const page = pageOf('consumers.md');
  for (const guarantee of GUARANTEES) expect(page).toContain(`| \`${guarantee}\` | ${GUARANTEE_MEANINGS[guarantee]} |`);
});
