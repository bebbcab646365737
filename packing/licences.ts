import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const LICENCE = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;
const PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** The licences of the packages that the files at `paths` belong to, each under the package's name. Throws Error for a package without one. */
export async function licencesOf(paths: readonly string[]): Promise<string> {
  const packages = new Map(paths.flatMap((path) => {
    const [, folder, name] = PACKAGE.exec(path) ?? [];
    return folder === undefined || name === undefined ? [] : [[name, folder] as const];
  }));
  const texts = await Promise.all([...packages.keys()].toSorted().map(async (name) => `${name}\n\n${await licenceIn(name, packages.get(name) ?? '')}`));
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

async function licenceIn(name: string, folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).toSorted();
  if (files.length === 0) return await licenceNamedIn(name, folder);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
}

/** Some packages name their licence and do not bring its text. */
async function licenceNamedIn(name: string, folder: string): Promise<string> {
  const { license, author, homepage } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>>;
  if (typeof license !== 'string') throw new Error(`package ${name} in ${folder} names no licence: it cannot be made part of a program`);
  const by = typeof author === 'object' && author !== null && 'name' in author ? author.name : author;
  return `Licence: ${license}\n${[by, homepage].filter((each) => typeof each === 'string').join('\n')}\n`;
}
