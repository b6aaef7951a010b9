# The lines in simmer's own idiom: `Rscript simmer_peer.R WORK SIZE` does the work once and prints
# one line of JSON with the results, as the other peers do.

suppressPackageStartupMessages({
  library(simmer)
  library(parallel)
})

CUSTOMERS <- 20000

# One run, kept by simmer's own monitor of arrivals and resources.
simulate <- function(stages, servers, rate, customers, seed) {
  set.seed(seed)
  path <- trajectory()
  for (stage in paste0("stage", seq_len(stages))) {
    path <- path |> seize(stage) |> timeout(function() rexp(1)) |> release(stage)
  }
  line <- simmer()
  for (stage in paste0("stage", seq_len(stages))) {
    line |> add_resource(stage, servers)
  }
  line |>
    add_generator("customer", path, at(cumsum(rexp(customers, rate)))) |>
    run() |>
    wrap()
}

# W7: ten stations; one customer in five comes to the same station again.
network <- function(customers) {
  set.seed(1)
  path <- trajectory()
  stations <- paste0("station", seq_len(10))
  for (station in stations) {
    path <- path |>
      seize(station) |>
      timeout(function() rexp(1)) |>
      release(station) |>
      rollback(3, check = function() runif(1) < 0.2)
  }
  house <- simmer()
  for (station in stations) {
    house |> add_resource(station)
  }
  list(house |>
    add_generator("customer", path, at(cumsum(rexp(customers, 0.64)))) |>
    run() |>
    wrap())
}

line <- function(stages, servers, rate, customers) {
  list(simulate(stages, servers, rate, customers, 1))
}

works <- list(
  w1 = function(size) line(5, 1, 0.8, size),
  w2 = function(size) line(1, 3, 2.4, size),
  w7 = network,
  w4 = function(size) {
    mclapply(seq_len(size), function(seed) simulate(1, 1, 0.8, CUSTOMERS, seed), mc.cores = 2)
  }
)

words <- commandArgs(trailingOnly = TRUE)
runs <- works[[words[1]]](as.numeric(words[2]))
arrivals <- get_mon_arrivals(runs)
sojourn <- arrivals$end_time - arrivals$start_time
waiting <- sojourn - arrivals$activity_time
cat(sprintf(
  '{ "answers": { "waiting": %f, "waiting_sd": %f, "waiting_max": %f, "sojourn": %f, "sojourn_sd": %f } }\n',
  mean(waiting), sd(waiting), max(waiting), mean(sojourn), sd(sojourn)
))
