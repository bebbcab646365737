import { access, constants, mkdtemp, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Replaces a file's text in one step: whoever reads it finds the old text or the new one. Mode and owner stay, and a symbolic link stays one.
 * Throws what the file system throws; the file is then as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  // A rename would pass over the file's own permission.
  await access(target, constants.W_OK);
  // In the same folder, as a rename does not cross file systems; nobody else can look into it.
  const folder = await mkdtemp(join(dirname(target), '.kubeconfig-'));
  try {
    const made = join(folder, 'new');
    await write(made, text, await stat(target));
    await rename(made, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(path: string, text: string, as: { readonly mode: number; readonly uid: number; readonly gid: number }): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text, 'utf8');
    const own = await file.stat();
    if (own.uid !== as.uid || own.gid !== as.gid) await file.chown(as.uid, as.gid);
    await file.chmod(as.mode & 0o777);
    await file.sync();
  } finally {
    await file.close();
  }
}
