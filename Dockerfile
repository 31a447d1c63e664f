# docker build -t superposition . && mkdir -p results .snakemake && docker run --rm --user "$(id -u):$(id -g)" \
#     -v "$PWD/results:/superposition/results" -v "$PWD/.snakemake:/superposition/.snakemake" superposition
FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
WORKDIR /superposition
COPY Makefile ./
COPY workflow/envs workflow/envs
COPY workflow/scripts workflow/scripts
RUN make setup && rm -rf /root/.cache
COPY . .
# For any user; what tells that results are up to date, and compiled code, are kept in a folder of its own.
RUN git config --system safe.directory "$PWD" && rm -f .venv.lock && chmod a+rwx .
ENV HOME=/superposition/.snakemake/home
ENTRYPOINT ["make"]
