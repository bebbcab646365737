import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configError } from './config-error.ts';
import { type Entry, textOf } from './kubeconfig-file.ts';

/** PEM from base64 `<field>-data`, else undefined; `<field>` files are handled by the caller as they may rotate. */
export function inline(entry: Entry, field: string): string | undefined {
  const data = textOf(entry.fields[`${field}-data`]);
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

/** The path in `field`, relative ones beside the kubeconfig. */
export function fileOf(entry: Entry, field: string): string | undefined {
  const path = textOf(entry.fields[field]);
  return path === undefined ? undefined : resolve(dirname(entry.source), path);
}

export function readNow(path: string | undefined): string {
  try {
    return readFileSync(path ?? '', 'utf8');
  } catch (error) {
    throw configError(`cannot read '${String(path)}', which a kubeconfig names; check that it exists and is readable`, error);
  }
}
