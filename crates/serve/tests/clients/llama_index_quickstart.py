"""The quick-start of llama-index-vector-stores-qdrant against a running server. Usage: SCRIPT URL"""
import sys
import httpx
import qdrant_client
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.vector_stores import ExactMatchFilter, MetadataFilters
from llama_index.vector_stores.qdrant import QdrantVectorStore

url = sys.argv[1]

class Ours(BaseEmbedding):
    """The server's own encoder."""
    def _get_text_embedding(self, text):
        return httpx.post(f"{url}/v1/embeddings", json={"model": "default", "input": text}).json()["data"][0]["embedding"]
    def _get_query_embedding(self, query):
        return self._get_text_embedding(query)
    async def _aget_query_embedding(self, query):
        return self._get_text_embedding(query)

client = qdrant_client.QdrantClient(url=url)
store = QdrantVectorStore(client=client, collection_name="essays")
documents = [
    Document(text="The author grew up writing short stories and programming.", metadata={"kind": "essay"}, doc_id="a"),
    Document(text="Bananas are rich in potassium.", metadata={"kind": "fact"}, doc_id="b"),
    Document(text="The bridge was closed after the storm.", metadata={"kind": "news"}, doc_id="c"),
]
context = StorageContext.from_defaults(vector_store=store)
index = VectorStoreIndex.from_documents(documents, storage_context=context, embed_model=Ours())
found = index.as_retriever(similarity_top_k=1).retrieve("What did the author do growing up?")
assert "short stories" in found[0].text, found
filters = MetadataFilters(filters=[ExactMatchFilter(key="kind", value="fact")])
found = index.as_retriever(similarity_top_k=3, filters=filters).retrieve("storm")
assert len(found) == 1 and "potassium" in found[0].text, found
store.delete("b")
assert client.count("essays").count == 2
again = VectorStoreIndex.from_vector_store(store, embed_model=Ours())
assert len(again.as_retriever(similarity_top_k=5).retrieve("author")) == 2
print("ok")
