// job-runner asks the GitLab of each [[runners]] of a config.toml for one job, and runs it with GitLab
// Runner's Kubernetes executor, in the order in which `gitlab-runner run` does (commands/multi.go there).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"gitlab.com/gitlab-org/gitlab-runner/common"
	"gitlab.com/gitlab-org/gitlab-runner/executors/kubernetes"
	"gitlab.com/gitlab-org/gitlab-runner/network"
	_ "gitlab.com/gitlab-org/gitlab-runner/shells"
)

func load(path string) (*common.Config, error) {
	config := common.NewConfig()
	if err := config.LoadConfig(path); err != nil {
		return nil, err
	}
	if len(config.Runners) == 0 {
		return nil, fmt.Errorf("%s has no [[runners]]", path)
	}
	for _, runner := range config.Runners {
		if runner.Executor != common.ExecutorKubernetes {
			return nil, fmt.Errorf("runner %q: executor %q is not %q", runner.Name, runner.Executor, common.ExecutorKubernetes)
		}
		runner.SystemID = "s_jobrunner000"
		runner.ConfigLoadedAt = time.Now()
		runner.ConfigDir = filepath.Dir(path)
	}
	return config, nil
}

func runJob(config *common.Config, runner *common.RunnerConfig, client *network.GitLabClient, provider common.ExecutorProvider) error {
	data, err := provider.Acquire(runner)
	if err != nil {
		return fmt.Errorf("acquire: %w", err)
	}
	defer provider.Release(runner, data)

	job, healthy := client.RequestJob(context.Background(), *runner, nil)
	if job == nil {
		return fmt.Errorf("got no job (healthy: %t)", healthy)
	}
	credentials := &common.JobCredentials{ID: job.ID, Token: job.Token}
	trace, err := client.ProcessJob(*runner, credentials)
	if err != nil {
		return err
	}
	if err := errors.Join(job.UnsupportedOptions(),
		job.ValidateStepsJobRequest(client.ExecutorSupportsNativeSteps(*runner))); err != nil {
		return fail(trace, err)
	}
	update := client.UpdateJob(*runner, credentials, common.UpdateJobInfo{ID: job.ID, State: common.Running})
	if update.State == common.UpdateAbort || update.CancelRequested {
		trace.Finish()
		return errors.New("GitLab took the job back")
	}
	build, err := common.NewBuild(*job, runner, make(chan os.Signal), data, provider)
	if err != nil {
		return fail(trace, err)
	}
	build.ArtifactUploader = client.UploadRawArtifacts
	trace.SetDebugModeEnabled(build.IsDebugModeEnabled())
	return build.Run(context.Background(), config, trace)
}

func fail(trace common.JobTrace, err error) error {
	fmt.Fprintln(trace, err)
	return errors.Join(err, trace.Fail(err, common.JobFailureData{Reason: common.RunnerSystemFailure}))
}

func run(path string) error {
	config, err := load(path)
	if err != nil {
		return err
	}
	provider := kubernetes.NewProvider()
	if err := common.ValidateExecutorProvider(provider); err != nil {
		return err
	}
	managed, isManaged := provider.(common.ManagedExecutorProvider)
	if isManaged {
		managed.Init()
	}
	client := network.NewGitLabClient(
		network.WithExecutorProviderFunc(func(string) common.ExecutorProvider { return provider }),
	)
	var errs []error
	for _, runner := range config.Runners {
		if err := runJob(config, runner, client, provider); err != nil {
			errs = append(errs, fmt.Errorf("runner %q: %w", runner.Name, err))
		}
	}
	if isManaged {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		managed.Shutdown(ctx, config)
	}
	return errors.Join(errs...)
}

func main() {
	logrus.SetOutput(os.Stderr)
	if level, err := logrus.ParseLevel(os.Getenv("LOG_LEVEL")); err == nil {
		logrus.SetLevel(level)
	}
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: job-runner CONFIG.TOML")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "job-runner:", err)
		os.Exit(1)
	}
}
