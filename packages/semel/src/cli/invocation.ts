import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { targetOf } from './target/address.ts';
import type { Target } from './target/target.ts';
import type { World } from './world.ts';

/** The options that every command has. */
export interface GlobalOptions {
  readonly store?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** One command, as it was called. */
export interface Invocation<Options extends object = object, Arguments extends readonly unknown[] = []> {
  readonly world: World;
  readonly options: Options & GlobalOptions;
  readonly args: Arguments;
  /** The store that it is about; it is closed after the command. @throws SemelError `bad-option` */
  target(): Target;
  /** The answer: as JSON for programs, as text for people. */
  print(answer: { readonly json: unknown; readonly text: () => string }): void;
}

/** Makes the action of a command out of what it does. */
export type Act = <Options extends object, Arguments extends readonly unknown[] = []>(
  body: (invocation: Invocation<Options, Arguments>) => Promise<ExitCode>,
) => (...given: unknown[]) => Promise<void>;

/** An {@link Act} in this world; `done` is told how each command ended. */
export function actsIn(world: World, done: (exitCode: ExitCode) => void): Act {
  return (body) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const opened: Target[] = [];
      try {
        done(await body(invocationOf(world, command, opened)));
      } finally {
        for (const target of opened) await target.close();
      }
    };
}

function invocationOf<Options extends object, Arguments extends readonly unknown[]>(world: World, command: Command, opened: Target[]): Invocation<Options, Arguments> {
  const options = command.optsWithGlobals<Options & GlobalOptions>();
  return {
    world,
    options,
    args: command.processedArgs as unknown as Arguments,
    target: () => {
      const target = targetOf(options.store, world.env);
      opened.push(target);
      return target;
    },
    print: ({ json, text }) => void world.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : text()),
  };
}
