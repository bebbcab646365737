/**
 * As `metadata.resourceVersion` of a server-side apply: creates only. An object that does not exist has no version, so the API server
 * creates it; one that exists is past this version, and the answer is 409. Tested on a real API server beside applyIfChanged and installCrd.
 */
export const ONLY_CREATE = '1';
