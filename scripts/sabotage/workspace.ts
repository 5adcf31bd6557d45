import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';

/** A copy of the project that can be broken: its own packages resolve to the copy, what is installed to the original. */
export class Workspace implements Disposable {
  readonly root: string = realpathSync(mkdtempSync(join(tmpdir(), 'semel-sabotage-')));
  readonly #project: string;

  /** Copies what git tracks, and what is new and not ignored. */
  constructor(project: string) {
    this.#project = realpathSync(project);
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: project, encoding: 'utf8' }).split('\0');
    for (const file of files) if (file !== '' && existsSync(join(project, file))) cpSync(join(project, file), join(this.root, file));
    const packages = files.filter((file) => file === 'package.json' || file.endsWith('/package.json')).map(dirname);
    for (const folder of packages) this.#link(join(folder, 'node_modules'));
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, file), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A folder of links: to the copy where the original's link leads into the project itself. */
  #link(folder: string): void {
    const original = join(this.#project, folder);
    if (!existsSync(original)) return;
    mkdirSync(join(this.root, folder), { recursive: true });
    for (const name of readdirSync(original)) {
      if (name.startsWith('@')) this.#link(join(folder, name));
      else if (name === '.bin' || !name.startsWith('.')) symlinkSync(this.#targetOf(join(original, name)), join(this.root, folder, name));
    }
  }

  #targetOf(installed: string): string {
    const target = realpathSync(installed);
    const inside = relative(this.#project, target);
    const isOurs = !inside.startsWith('..') && !inside.split(sep).includes('node_modules');
    return isOurs ? join(this.root, inside) : target;
  }
}
