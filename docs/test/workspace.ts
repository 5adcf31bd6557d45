import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { generated } from '../../packages/semel/test/clients/prisma/generate.ts';
import { blockOf, type Page, programOf } from './page.ts';

const DOCS = join(import.meta.dirname, '..');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source', '--test-reporter=spec'];
const LIMIT_MS = 20_000;

/** How a program ended. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** With what `node:test` reported, where the program failed. */
  readonly stderr: string;
  /** The folder it ran in, with the files that it left. */
  readonly folder: string;
}

/** What a program is given. */
export interface RunOptions {
  /** Is imported before it. */
  readonly preload?: URL;
  /** Variables beyond those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The programs of the pages, in a folder from which `semel` resolves as it does everywhere in the project. */
export class Workspace {
  readonly #folder: string;
  readonly #ran: string[] = [];

  constructor(pages: readonly Page[]) {
    mkdirSync(join(DOCS, '.tmp'), { recursive: true });
    this.#folder = mkdtempSync(join(DOCS, '.tmp/pages-'));
    for (const page of pages) this.#write(page);
    cpSync(new URL('./readme/schemas.ts', import.meta.url), join(this.#folder, 'schemas.ts'));
    const tsconfig = { extends: '../../../tsconfig.base.json', compilerOptions: { noUnusedLocals: false, noUnusedParameters: false }, include: ['**/*.ts'] };
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  }

  /** Type-checks all programs at once; what the compiler objects to. */
  typeErrors(): string {
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', this.#folder], { cwd: this.#folder, encoding: 'utf8' });
    return stdout + stderr;
  }

  /** Runs the program of a page in an empty folder. */
  run({ path }: Page, { preload, env }: RunOptions = {}): Run {
    const folder = mkdtempSync(join(tmpdir(), 'semel-docs-'));
    this.#ran.push(folder);
    const report = join(folder, 'node-test.txt');
    const args = [...FLAGS, `--test-reporter-destination=${report}`, ...(preload === undefined ? [] : ['--import', preload.href]), join(this.#folder, `${path}.ts`)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const failures = status !== 0 && existsSync(report) ? readFileSync(report, 'utf8') : '';
    return { exitCode: status, stdout, stderr: stderr + failures, folder };
  }

  remove(): void {
    for (const folder of [this.#folder, ...this.#ran]) rmSync(folder, { recursive: true, force: true });
  }

  #write(page: Page): void {
    const program = programOf(page);
    if (program === undefined) return;
    const file = join(this.#folder, `${page.path}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, program);
    const schema = blockOf(page, 'prisma');
    if (schema !== undefined) this.#generate(schema, dirname(file));
  }

  /** The client of a schema of Prisma, beside the program that imports it. */
  #generate(schema: string, folder: string): void {
    const file = join(folder, 'schema.prisma');
    writeFileSync(file, schema);
    cpSync(dirname(fileURLToPath(generated(pathToFileURL(file)))), join(folder, 'client'), { recursive: true });
  }
}
