import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const WORKSPACE = join(import.meta.dirname, '../../../..');
const PACKAGE = join(WORKSPACE, 'packages/semel');

/** What a command said and how it ended. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
function run(program: string, args: readonly string[], cwd: string): Run {
  // Without the test's own NODE_OPTIONS and the like: a user's project has none.
  const { PATH = '', HOME } = process.env;
  const env = { PATH: join(WORKSPACE, 'node_modules/.bin') + delimiter + PATH, HOME, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** An empty project with the packed package installed in it. */
export class PackedProject implements Disposable {
  readonly folder: string;
  readonly tarball: string;
  /** Bytes of the tarball, and of what it unpacks to. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly string[];

  /** Builds, packs and installs without a network, as there is nothing else to install. */
  constructor() {
    succeed('tsdown', ['--log-level', 'warn'], PACKAGE);
    this.folder = mkdtempSync(join(tmpdir(), 'semel-package-'));
    const [packed] = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', this.folder], PACKAGE).stdout);
    this.tarball = join(this.folder, packed.filename);
    this.size = packed.size;
    this.unpackedSize = packed.unpackedSize;
    this.files = packed.files.map(({ path }: { readonly path: string }) => path);
    cpSync(join(import.meta.dirname, 'project'), this.folder, { recursive: true });
    writeFileSync(join(this.folder, 'package.json'), '{"private":true}');
    succeed('npm', ['install', '--offline', '--no-audit', '--no-fund', this.tarball], this.folder);
    mkdirSync(join(this.folder, 'node_modules/@types'));
    symlinkSync(join(WORKSPACE, 'node_modules/@types/node'), join(this.folder, 'node_modules/@types/node'));
  }

  /** Runs a program in the project. */
  run(program: string, ...args: readonly string[]): Run {
    return run(program, args, this.folder);
  }

  /** A file of the project. */
  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

function succeed(program: string, args: readonly string[], cwd: string): Run {
  const result = run(program, args, cwd);
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
  return result;
}
