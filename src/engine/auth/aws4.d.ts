declare module "aws4" {
  interface AwsRequest {
    host: string;
    path: string;
    service: string;
    region: string;
    method: string;
    body?: Uint8Array;
    headers: Record<string, string>;
    signQuery: boolean;
  }

  interface AwsCredentials {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
  }

  export function sign(
    request: AwsRequest,
    credentials: AwsCredentials,
  ): { path: string; headers: Record<string, unknown> };
}
