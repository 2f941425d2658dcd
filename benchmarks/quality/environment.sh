# shellcheck shell=bash disable=SC2154
# To be sourced after cmake/bootstrap.sh, with `here` and `made` set: the Python environments.

# make_environment PEER...: an environment in $made/venv with what the problems and these peers need.
make_environment() {
  local wanted stamp=$made/venv/requirements
  wanted=$(peer_requirements "$@")
  install_missing python3 python3-venv
  if [ ! -x "$made/venv/bin/python" ]; then python3 -m venv "$made/venv"; fi
  touch "$stamp"
  if printf '%s\n' "$wanted" | grep -vxFf "$stamp" >/dev/null; then
    printf '%s\n' "$wanted" | sort -u - "$stamp" | sed '/^$/d' >"$stamp.new"
    "$made/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$stamp.new"
    mv "$stamp.new" "$stamp"
  fi
  case " $* " in *" nevergrad "*) mend_nevergrad ;; esac
  case " $* " in *" hebo "*) make_hebo_environment ;; esac
}

# peer_requirements PEER...: the core's requirements and those lines of the peers' whose comment names one of them.
peer_requirements() {
  sed 's/ *#.*//; /^$/d' "$here/requirements.txt"
  awk -v peers="$*" '
    BEGIN { split(peers, given, " "); for (i in given) wanted[given[i] == "optuna-tpe-uni" || given[i] == "optuna-tpe-mv" ? "optuna-tpe" : given[i]] = 1 }
    !/^#/ { split($0, parts, "#"); n = split(parts[2], names, " "); for (i = 1; i <= n; ++i) if (names[i] in wanted) { print $1; next } }
  ' "$here/requirements-peers.txt"
}

# nevergrad 1.0.12 makes a float of an array of one number, which numpy 2.4 refuses.
mend_nevergrad() {
  local file
  file=$(echo "$made"/venv/lib/python3*/site-packages/nevergrad/optimization/metamodel.py)
  sed -i 's/return float(model\.predict(\(trans(.*)\)))$/return float(np.ravel(model.predict(\1))[0])/' "$file"
}

# HEBO in an environment of its own; it wants older packages.
make_hebo_environment() {
  local python=$made/venv-hebo/bin/python
  if [ -e "$made/venv-hebo/complete" ]; then return 0; fi
  python3 -m venv "$made/venv-hebo"
  "$python" -m pip install --quiet --disable-pip-version-check -r <(grep -v '^HEBO' "$here/requirements-hebo.txt")
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps "$(sed -n 's/^\(HEBO[^ ]*\).*/\1/p' "$here/requirements-hebo.txt")"
  touch "$made/venv-hebo/complete"
}
