import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { parseCrd } from './parse-crd.ts';

/** The one definition in a YAML (or JSON) file, every `x-kubernetes-*` key as it stands. Throws CrdInstallError. */
export async function readCrdFile(path: string): Promise<CustomResourceDefinition> {
  try {
    return parseCrd(parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof CrdInstallError) throw error;
    throw new CrdInstallError({ reason: 'Invalid', crd: path, message: 'the file cannot be read as one YAML document; correct the path or the file', cause: error });
  }
}
