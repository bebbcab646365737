import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { parseCrd } from './parse-crd.ts';

/** The one definition in a YAML (or JSON) file, every `x-kubernetes-*` key as it stands. Throws CrdInstallError that names the file. */
export async function readCrdFile(path: string): Promise<CustomResourceDefinition> {
  const documents = documentsOf(path, await textOf(path));
  const [only] = documents;
  if (documents.length !== 1) throw invalid(path, `the file has ${documents.length} documents${listed(documents)}; leave one CustomResourceDefinition in it`);
  if (!isDefinition(only)) throw invalid(path, `document 1 is ${described(only)}; give a file with an apiextensions.k8s.io/v1 CustomResourceDefinition`);
  try {
    return parseCrd(only);
  } catch (error) {
    throw invalid(path, `document 1 is no valid definition: ${(error as Error).message}`, error);
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw invalid(path, 'there is no such file; correct the path, which counts from the working directory', error);
    throw invalid(path, `the file cannot be read: ${(error as Error).message}`, error);
  }
}

/** All that are not empty. */
function documentsOf(path: string, text: string): unknown[] {
  const documents = [...parseAllDocuments(text)];
  const at = documents.findIndex(({ errors }) => errors.length > 0);
  if (at !== -1) throw invalid(path, `document ${at + 1} is no YAML: ${documents[at]?.errors[0]?.message}`, documents[at]?.errors[0]);
  return documents.map((document) => document.toJS() as unknown).filter((document) => document !== null && document !== undefined);
}

function listed(documents: readonly unknown[]): string {
  return documents.length === 0 ? '' : ` (${documents.map((document, at) => `${at + 1}: ${described(document)}`).join(', ')})`;
}

function described(document: unknown): string {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return `no object but ${Array.isArray(document) ? 'a list' : `a ${typeof document}`}`;
  const { apiVersion, kind, metadata } = document as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null };
  if (typeof kind !== 'string') return 'an object without a kind';
  const version = typeof apiVersion === 'string' ? `${apiVersion} ` : '';
  return typeof metadata?.name === 'string' ? `${version}${kind} '${metadata.name}'` : `${version}${kind}`;
}

function isDefinition(document: unknown): boolean {
  return typeof document === 'object' && document !== null && (document as { kind?: unknown }).kind === 'CustomResourceDefinition';
}

function invalid(path: string, message: string, cause?: unknown): CrdInstallError {
  return new CrdInstallError({ reason: 'Invalid', crd: path, message, ...(cause === undefined ? {} : { cause }) });
}
