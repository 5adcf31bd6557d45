import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MADE = join(import.meta.dirname, '../../../../../.tmp/prisma');

/** The client that Prisma generates from a schema with the output `./client`: made once for each schema, by whoever comes first. */
export function generated(schema: URL): URL {
  const text = readFileSync(schema, 'utf8');
  const folder = join(MADE, createHash('sha256').update(text).digest('hex').slice(0, 16));
  if (!existsSync(folder)) generate(text, folder);
  return pathToFileURL(join(folder, 'client/client.ts'));
}

function generate(text: string, folder: string): void {
  mkdirSync(MADE, { recursive: true });
  const draft = mkdtempSync(join(MADE, 'draft-'));
  const schema = join(draft, 'schema.prisma');
  writeFileSync(schema, text);
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js');
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }; // or it would download an engine that this does not need
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--schema', schema], { cwd: draft, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`prisma generate failed\n${stdout}${stderr}`);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(folder)) throw error; // else another was faster
  }
}
