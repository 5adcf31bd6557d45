import { expect, test } from 'vitest';
import { layers } from './layers.ts';

const SRC = 'packages/semel/src';

function messages(file: string, text: string): readonly string[] {
  return layers(new Map([[`${SRC}/${file}`, text]])).map(({ line, message }) => `${line}: ${message}`);
}

test.each([
  ['core/a.ts', "import { x } from '../stores/sqlite/x.ts';", 'src/core may not import src/stores/sqlite/x.ts'],
  ['core/a.ts', "import { readFileSync } from 'node:fs';", 'src/core may not import node:fs'],
  ['core/a.ts', "export const a = () => import('../cli/main.ts');", 'src/core may not import src/cli/main.ts'],
  ['core/a.ts', "export type A = import('../consumer/engine.ts').Engine;", 'src/core may not import src/consumer/engine.ts'],
  ['stores/sqlite/a.ts', "import type { x } from '../memory/x.ts';", 'src/stores may not import src/stores/memory/x.ts'],
  ['stores/sqlite/a.ts', "import type { x } from '../../consumer/x.ts';", 'src/stores may not import src/consumer/x.ts'],
  ['transports/peer/a.ts', "import { x } from '../../stores/memory/x.ts';", 'src/transports may not import src/stores/memory/x.ts'],
  ['stores/kafka/a.ts', "import { x } from '../../transports/peer/x.ts';", 'src/stores may not import src/transports/peer/x.ts'],
  ['transports/kafka/a.ts', "import { x } from '../../stores/kafka/x.ts';", 'src/transports may not import src/stores/kafka/x.ts'],
  ['outbox/a.ts', "export { x } from '../consumer/x.ts';", 'src/outbox may not import src/consumer/x.ts'],
  ['consumer/a.ts', "import { x } from '../outbox/x.ts';", 'src/consumer may not import src/outbox/x.ts'],
  ['testing/a.ts', "import { x } from '../cli/x.ts';", 'src/testing may not import src/cli/x.ts'],
  ['cli/a.ts', "import { x } from '../testing/x.ts';", 'src/cli may not import src/testing/x.ts'],
  ['semel.ts', "import { x } from './testing/x.ts';", 'a file of src may not import src/testing/x.ts'],
  ['semel.ts', "import { x } from '../bin/x.ts';", 'a file of src may not import packages/semel/bin/x.ts'],
  ['stores/sqlite/a.ts', "import pg from 'pg';", 'imports pg: the library has no dependencies'],
  ['novel/a.ts', '', 'src/novel has no rule'],
])('%s refuses %s', (file, text, message) => {
  const found = messages(file, text);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(`1: ${message}`);
});

test.each([
  ['core/a.ts', "import { createHash } from 'node:crypto';\nimport { b } from './b.ts';"],
  ['stores/sqlite/a.ts', "import { DatabaseSync } from 'node:sqlite';\nimport { b } from './b.ts';\nimport { c } from '../../core/c.ts';"],
  ['stores/kafka/a.ts', "import { x } from '../../transports/kafka/x.ts';"],
  ['testing/a.ts', "import { createSemel } from '../semel.ts';\nimport { e } from '../consumer/e.ts';"],
  ['cli/a.ts', "import { Command } from 'commander';\nimport { sqlite } from '../stores/sqlite/index.ts';"],
  ['index.ts', "export { createSemel } from './semel.ts';\nexport { SemelError } from './core/errors.ts';"],
  ['core/a.test.ts', "import { memory } from '../stores/memory/index.ts';"],
])('%s allows what belongs there', (file, text) => {
  expect(messages(file, text)).toEqual([]);
});
