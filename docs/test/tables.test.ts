import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUARANTEES } from 'semel';
import { expect, test } from 'vitest';
import { CONTRACTS } from '../../packages/semel/src/contracts/index.ts';
import { kafkaContract } from '../../packages/semel/src/contracts/kafka.ts';
import { localContract } from '../../packages/semel/src/contracts/local.ts';
import { peerContract } from '../../packages/semel/src/contracts/peer.ts';
import { rabbitmqContract } from '../../packages/semel/src/contracts/rabbitmq.ts';
import { rabbitmqStreamsContract } from '../../packages/semel/src/contracts/rabbitmq-streams.ts';
import { snsContract } from '../../packages/semel/src/contracts/sns.ts';
import { sqsContract } from '../../packages/semel/src/contracts/sqs.ts';
import { GUARANTEE_MEANINGS } from '../../packages/semel/src/core/guarantee.ts';
import { contractSections, contractsTable, contractTable, errorTable, withTable } from './table.ts';

function pageOf(path: string): string {
  return readFileSync(join(import.meta.dirname, '..', path), 'utf8');
}

// `vitest -u` writes the tables into the pages.
for (const [path, name, table] of [
  ['transports/local.md', 'contract: local', contractTable(localContract)],
  ['transports/peer.md', 'contract: peer', contractTable(peerContract)],
  ['transports/kafka.md', 'contract: kafka', contractTable(kafkaContract())],
  ['transports/rabbitmq.md', 'contract: rabbitmq', contractTable(rabbitmqContract({ singleActive: false, maxMessageBytes: 16 << 20 }))],
  ['transports/rabbitmq-streams.md', 'contract: rabbitmq-streams', contractTable(rabbitmqStreamsContract())],
  ['transports/sqs.md', 'contract: sqs', contractTable(sqsContract)],
  ['transports/sns.md', 'contract: sns', contractTable(snsContract)],
  ['operations.md', 'errors', errorTable()],
  ['contracts.md', 'contracts', contractsTable(CONTRACTS)],
  ['contracts/services.md', 'contracts in full', contractSections(CONTRACTS)],
] as const) {
  test(`docs/${path} has the table of the code: ${name}`, async () => {
    await expect(withTable(pageOf(path), name, table)).toMatchFileSnapshot(`../${path}`);
  });
}

test('docs/consumers.md says of each guarantee what the code says', () => {
  const page = pageOf('consumers.md');
  for (const guarantee of GUARANTEES) expect(page).toContain(`| \`${guarantee}\` | ${GUARANTEE_MEANINGS[guarantee]} |`);
});
