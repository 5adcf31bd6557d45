import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readableFolder } from './folders.ts';
import { programOf } from './system-program.ts';

/** Something of Maven's registry: `org.apache.kafka:kafka_2.13:4.3.1`. */
export type Coordinates = `${string}:${string}:${string}`;

const FETCH_MS = 600_000;

/** A folder `name` in `cache` with the jars of these artifacts and of all that they need, from Maven's registry; fetched once. Throws where they are not to be had. */
export async function mavenRelease(name: string, artifacts: readonly Coordinates[], cache: string): Promise<string> {
  const release = join(cache, name);
  if (existsSync(release)) return release;
  const maven = await programOf('mvn', 'maven');
  const fetched = readableFolder(mkdtempSync(join(cache, 'fetch-')));
  try {
    const jars = readableFolder(join(fetched, 'jars'));
    const project = join(fetched, 'pom.xml');
    writeFileSync(project, projectOf(artifacts));
    const options = ['--quiet', '--batch-mode', '--file', project, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
    await promisify(execFile)(maven, options, { timeout: FETCH_MS });
    if (!existsSync(release)) renameSync(jars, release);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return release;
}

function projectOf(artifacts: readonly Coordinates[]): string {
  const dependencies = artifacts.map((coordinates) => {
    const [group, artifact, version] = coordinates.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  const head = '<modelVersion>4.0.0</modelVersion><groupId>semel.test</groupId><artifactId>release</artifactId><version>1</version><packaging>pom</packaging>';
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">${head}<dependencies>${dependencies.join('')}</dependencies></project>\n`;
}
