# docker build -t superposition . && docker run --rm -v "$PWD/results:/superposition/results" superposition
FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
WORKDIR /superposition
COPY Makefile ./
COPY workflow/envs workflow/envs
COPY workflow/scripts workflow/scripts
RUN make setup && rm -rf /root/.cache
COPY . .
ENTRYPOINT ["make"]
