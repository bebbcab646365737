import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { singleProgramImage } from './oci-archive.ts';
import { tarArchive } from './tar.ts';

const TAR_TIMEOUT_MS = 10_000;

function list(archive: Buffer): readonly string[] {
  return execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8', timeout: TAR_TIMEOUT_MS }).trim().split('\n');
}

function extract(archive: Buffer, name: string): Buffer {
  return execFileSync('tar', ['-xOf', '-', name], { input: archive, timeout: TAR_TIMEOUT_MS });
}

describe('tarArchive', () => {
  it.each([0, 1, 511, 512, 513, 5000])('holds a file of %i bytes that tar reads back', (size) => {
    const content = Buffer.alloc(size, 7);
    const archive = tarArchive([
      { name: 'first', content, mode: 0o755 },
      { name: 'folder/second', content: Buffer.from('end'), mode: 0o644 },
    ]);
    expect(list(archive)).toEqual(['first', 'folder/second']);
    expect(extract(archive, 'first')).toEqual(content);
    expect(extract(archive, 'folder/second').toString()).toBe('end');
  });

  it('refuses a name that the format cannot hold', () => {
    expect(() => tarArchive([{ name: 'n'.repeat(101), content: Buffer.alloc(0), mode: 0o644 }])).toThrow(RangeError);
  });
});

describe('singleProgramImage', () => {
  const archive = singleProgramImage({ reference: 'localhost/pause:1', program: Buffer.from('program'), programName: 'pause', architecture: 'amd64' });
  const read = (name: string): Record<string, unknown> => JSON.parse(extract(archive, name).toString()) as Record<string, unknown>;
  const blob = (descriptor: { digest: string }): string => descriptor.digest.replace('sha256:', 'blobs/sha256/');

  it('is an OCI layout whose index names the image', () => {
    expect(read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const [manifest] = read('index.json')['manifests'] as { digest: string; annotations: Record<string, string> }[];
    expect(manifest?.annotations['io.containerd.image.name']).toBe('localhost/pause:1');
  });

  it('has blobs whose names are their digests', () => {
    const blobs = list(archive).filter((name) => name.startsWith('blobs/'));
    expect(blobs).toHaveLength(3);
    for (const name of blobs) expect(createHash('sha256').update(extract(archive, name)).digest('hex')).toBe(name.split('/')[2]);
  });

  it('runs the program as nobody, from a layer that holds it', () => {
    const [index] = read('index.json')['manifests'] as { digest: string }[];
    const manifest = read(blob(index!)) as unknown as { config: { digest: string }; layers: { digest: string; size: number }[] };
    expect(read(blob(manifest.config))['config']).toEqual({ Entrypoint: ['/pause'], User: '65535:65535' });
    const layer = extract(archive, blob(manifest.layers[0]!));
    expect(layer.length).toBe(manifest.layers[0]!.size);
    expect(extract(layer, 'pause').toString()).toBe('program');
  });

  it('is the same for the same program', () => {
    expect(singleProgramImage({ reference: 'localhost/pause:1', program: Buffer.from('program'), programName: 'pause', architecture: 'amd64' })).toEqual(archive);
  });
});
