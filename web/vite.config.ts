import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

const server = "http://127.0.0.1:6333";

// One file, so that the server serves it as it is; `npm run dev` asks a server on the default port.
export default defineConfig({
  plugins: [viteSingleFile()],
  build: { target: "es2022", reportCompressedSize: false },
  server: { proxy: { "/collections": server, "/jobs": server, "/docs": server } },
});
