cluster: main
namespace: gitlab-runner
gitlabUrl: https://gitlab.example.com/
tokenSecret: gitlab-runner-token
isolation: overwrite
jobs: { namespace: ci-quarantine, image: "ubuntu:24.04" }
