import { defineConfig } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

// One file, so that the server serves it as it is; `npm run dev` asks a server on the default port.
export default defineConfig({
  plugins: [viteSingleFile()],
  server: { proxy: { "/collections": "http://127.0.0.1:6333", "/info": "http://127.0.0.1:6333", "/readyz": "http://127.0.0.1:6333" } },
});
