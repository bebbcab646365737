import { createHash } from 'node:crypto';
import { tarArchive } from './tar.ts';

export interface SingleProgramImage {
  /** Full name with tag: `localhost/sluice-pause:1`. */
  readonly reference: string;
  /** The program, which becomes the only file and the entry point. */
  readonly program: Buffer;
  /** Its name in the root folder. */
  readonly programName: string;
  /** `amd64`, `arm64`. */
  readonly architecture: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const PREFIX = 'application/vnd.oci.image';
const PLAIN_FILE = 0o644;
const PROGRAM_FILE = 0o755;
/** Nobody: the program needs no right of root's. */
const USER = '65535:65535';

/** An OCI image layout in one tar file, with one layer that holds one static program. */
export function singleProgramImage(image: SingleProgramImage): Buffer {
  const layer = tarArchive([{ name: image.programName, content: image.program, mode: PROGRAM_FILE }]);
  const config = json({
    architecture: image.architecture,
    os: 'linux',
    config: { Entrypoint: [`/${image.programName}`], User: USER },
    rootfs: { type: 'layers', diff_ids: [digest(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${PREFIX}.manifest.v1+json`,
    config: describe(`${PREFIX}.config.v1+json`, config),
    layers: [describe(`${PREFIX}.layer.v1.tar`, layer)],
  });
  const annotations = { 'io.containerd.image.name': image.reference, 'org.opencontainers.image.ref.name': image.reference };
  const index = json({ schemaVersion: 2, manifests: [{ ...describe(`${PREFIX}.manifest.v1+json`, manifest), annotations }] });
  return tarArchive([
    { name: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }), mode: PLAIN_FILE },
    { name: 'index.json', content: index, mode: PLAIN_FILE },
    ...[config, manifest, layer].map((blob) => ({ name: digest(blob).replace('sha256:', 'blobs/sha256/'), content: blob, mode: PLAIN_FILE })),
  ]);
}

function describe(mediaType: string, blob: Buffer): Descriptor {
  return { mediaType, digest: digest(blob), size: blob.length };
}

function digest(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
