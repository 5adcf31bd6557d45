import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];

/** The path of one of `modules`. */
export function moduleAt(name: string): string {
  return join(import.meta.dirname, 'modules', `${name}.ts`);
}

/** What a command did. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `semel prove` as a process, whose temporary files are in a folder of the test. */
export class ProveCommand implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'semel-prove-command-'));

  /** @param module a path, or the name of one of `modules` */
  async run(module: string, ...more: readonly string[]): Promise<Ran> {
    const path = module.includes('/') ? module : moduleAt(module);
    const child = this.start(path, ...more);
    const status = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
  }

  /** As {@link run}, for whoever does something to it meanwhile. */
  start(path: string, ...more: readonly string[]): ChildProcessWithoutNullStreams {
    const env = { ...process.env, TMPDIR: this.folder, PROVE_BANK: join(this.folder, 'bank.txt') };
    return spawn(process.execPath, [...FLAGS, MAIN, 'prove', path, ...more], { cwd: this.folder, env });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
